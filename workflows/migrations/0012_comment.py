import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
import workflows.ids


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('workflows', '0011_decision_on_behalf_of'),
    ]

    operations = [
        migrations.CreateModel(
            name='Comment',
            fields=[
                ('id', models.UUIDField(default=workflows.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('text', models.TextField()),
                ('salt', models.CharField(editable=False, max_length=32)),
                ('created_at', models.DateTimeField()),
                ('erased_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['created_at', 'id'],
            },
        ),
        migrations.AddField(
            model_name='comment',
            name='author',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='comments', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='comment',
            name='mentions',
            field=models.ManyToManyField(blank=True, related_name='mentioned_in', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='comment',
            name='requirement',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='comments', to='workflows.requirement'),
        ),
        migrations.AddField(
            model_name='comment',
            name='run',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='comments', to='workflows.workflowrun'),
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(fields=['run', 'created_at'], name='comment_of_run'),
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(fields=['requirement', 'created_at'], name='comment_of_requirement'),
        ),
    ]
