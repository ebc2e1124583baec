from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('workflows', '0025_decisions_by_time'),
    ]

    operations = [
        migrations.AddField(
            model_name='workflow',
            name='input_schema',
            field=models.JSONField(
                editable=False,
                help_text='What its input is, where its author says so: a JSON schema.',
                null=True,
            ),
        ),
    ]
