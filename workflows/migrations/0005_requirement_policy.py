from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('workflows', '0004_workflow_policy'),
    ]

    operations = [
        migrations.AddField(
            model_name='requirement',
            name='policy',
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name='requirement',
            name='is_restricted',
            field=models.BooleanField(default=False, help_text='The policy names who decides.'),
        ),
        migrations.AddField(
            model_name='requirement',
            name='priority',
            field=models.PositiveSmallIntegerField(choices=[(1, 'Low'), (2, 'Normal'), (3, 'High'), (4, 'Urgent')], default=2),
        ),
        migrations.AddField(
            model_name='requirement',
            name='risk',
            field=models.CharField(default='normal', max_length=10),
        ),
        migrations.AddField(
            model_name='workflowrun',
            name='is_restricted',
            field=models.BooleanField(default=False, help_text='A policy names who decides in it: other reviewers do not see it.'),
        ),
    ]
