from django.db import migrations, models
import workflows.models


class Migration(migrations.Migration):
    dependencies = [
        ('workflows', '0003_groups'),
    ]

    operations = [
        migrations.AddField(
            model_name='workflow',
            name='policy',
            field=models.JSONField(blank=True, default=dict, help_text='Who decides and by when, where a step says nothing: a JSON object with the fields of a review policy. Counts for what is asked from now on.', validators=[workflows.models.refuse_policy]),
        ),
    ]
