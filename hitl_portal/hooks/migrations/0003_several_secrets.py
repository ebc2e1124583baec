import django.db.models.deletion
import django.utils.timezone
import workflows.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('hooks', '0002_rules_of_sources'),
    ]

    operations = [
        migrations.CreateModel(
            name='WebhookSecret',
            fields=[
                ('id', models.UUIDField(default=workflows.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('sealed', models.TextField(editable=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('ends_at', models.DateTimeField(blank=True, null=True)),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='secrets', to='hooks.webhooksource')),
            ],
            options={
                'ordering': ['-created_at', '-id'],
            },
        ),
    ]
