import django.db.models.deletion
import django.utils.timezone
import workflows.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('hooks', '0005_no_single_secret'),
        ('workflows', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.UUIDField(default=workflows.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('received_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('message_id', models.CharField(blank=True, max_length=200)),
                ('is_signed', models.BooleanField(default=False)),
                ('outcome', models.CharField(max_length=40)),
                ('status', models.PositiveSmallIntegerField()),
                ('detail', models.TextField(blank=True)),
                ('headers', models.JSONField(default=dict)),
                ('excerpt', models.TextField(blank=True)),
                ('sealed_body', models.TextField(blank=True)),
                ('replayed_by', models.CharField(blank=True, max_length=150)),
                ('replay_of', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='replays', to='hooks.delivery')),
                ('run', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='webhook_deliveries', to='workflows.workflowrun')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='hooks.webhooksource')),
            ],
            options={
                'verbose_name_plural': 'deliveries',
                'ordering': ['-received_at', '-id'],
                'indexes': [models.Index(fields=['source', 'is_signed', '-received_at', '-id'], name='hooks_delivery_newest')],
            },
        ),
        migrations.CreateModel(
            name='DeliveryCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('outcome', models.CharField(max_length=40)),
                ('count', models.PositiveBigIntegerField(default=0)),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='counts', to='hooks.webhooksource')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('source', 'outcome'), name='hooks_one_count_each')],
            },
        ),
    ]
