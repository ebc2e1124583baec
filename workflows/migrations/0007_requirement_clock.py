from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('workflows', '0006_grant'),
    ]

    operations = [
        migrations.AddField(
            model_name='requirement',
            name='due_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='requirement',
            name='next_step_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='requirement',
            name='steps_taken',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddIndex(
            model_name='requirement',
            index=models.Index(condition=models.Q(('status', 'open')), fields=['next_step_at'], name='reminders'),
        ),
    ]
