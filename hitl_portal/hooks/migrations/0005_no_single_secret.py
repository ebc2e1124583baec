from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('hooks', '0004_move_secrets'),
    ]

    operations = [
        migrations.AlterField(
            model_name='webhooksource',
            name='sealed_secret',
            field=models.TextField(default='', editable=False),
        ),
        migrations.RemoveField(
            model_name='webhooksource',
            name='sealed_secret',
        ),
    ]
