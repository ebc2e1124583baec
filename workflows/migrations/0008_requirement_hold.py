from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('workflows', '0007_requirement_clock'),
    ]

    operations = [
        migrations.AddField(
            model_name='requirement',
            name='release_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
