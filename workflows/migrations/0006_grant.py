import django.db.models.deletion
from django.db import migrations, models
import workflows.ids


class Migration(migrations.Migration):
    dependencies = [
        ('workflows', '0005_requirement_policy'),
    ]

    operations = [
        migrations.CreateModel(
            name='Grant',
            fields=[
                ('id', models.UUIDField(default=workflows.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('group', models.CharField(blank=True, max_length=200)),
                ('username', models.CharField(blank=True, max_length=200)),
                ('decides', models.BooleanField(default=False)),
            ],
        ),
        migrations.AddField(
            model_name='grant',
            name='requirement',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='grants', to='workflows.requirement'),
        ),
        migrations.AddField(
            model_name='grant',
            name='run',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='grants', to='workflows.workflowrun'),
        ),
        migrations.AddIndex(
            model_name='grant',
            index=models.Index(fields=['requirement', 'group'], name='grant_of_requirement'),
        ),
        migrations.AddIndex(
            model_name='grant',
            index=models.Index(fields=['run', 'group'], name='grant_of_run'),
        ),
        migrations.AddIndex(
            model_name='grant',
            index=models.Index(fields=['group'], name='grant_to_group'),
        ),
        migrations.AddIndex(
            model_name='grant',
            index=models.Index(fields=['username'], name='grant_to_person'),
        ),
        migrations.AddConstraint(
            model_name='grant',
            constraint=models.CheckConstraint(condition=models.Q(('group', ''), ('username', ''), _connector='XOR'), name='grant_to_a_group_or_to_a_person'),
        ),
    ]
