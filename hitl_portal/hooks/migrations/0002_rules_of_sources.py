import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('hooks', '0001_initial'),
        ('workflows', '0001_initial'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='webhooksource',
            options={'ordering': ['name'], 'verbose_name': 'webhook source', 'verbose_name_plural': 'webhook sources'},
        ),
        migrations.AddField(
            model_name='webhooksource',
            name='forged_free_at',
            field=models.FloatField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name='webhooksource',
            name='free_at',
            field=models.FloatField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name='webhooksource',
            name='mapping',
            field=models.JSONField(blank=True, help_text='JSON that becomes the input; texts that begin with $ are expressions (JSONPath).', null=True, verbose_name='mapping'),
        ),
        migrations.AddField(
            model_name='webhooksource',
            name='naming',
            field=models.CharField(blank=True, help_text="An expression that finds the workflow's name in the body, such as $.kind.", max_length=500, verbose_name='which workflow'),
        ),
        migrations.AddField(
            model_name='webhooksource',
            name='others',
            field=models.ManyToManyField(blank=True, help_text='What its posts may start instead, by naming it.', related_name='other_webhook_sources', to='workflows.workflow', verbose_name='other workflows'),
        ),
        migrations.AddField(
            model_name='webhooksource',
            name='per_minute',
            field=models.PositiveIntegerField(default=300, help_text='More are told to come later. As many may come at once.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(100000)], verbose_name='posts a minute'),
        ),
        migrations.AddField(
            model_name='webhooksource',
            name='signs',
            field=models.CharField(choices=[('standard', 'Standard Webhooks'), ('github', 'GitHub'), ('stripe', 'Stripe'), ('slack', 'Slack')], default='standard', help_text='Whose form of signature its posts carry.', max_length=20, verbose_name='signatures'),
        ),
        migrations.AlterField(
            model_name='webhooksource',
            name='created_at',
            field=models.DateTimeField(auto_now_add=True, verbose_name='made'),
        ),
        migrations.AlterField(
            model_name='webhooksource',
            name='enabled',
            field=models.BooleanField(default=True, help_text='Whether its posts are taken.', verbose_name='enabled'),
        ),
        migrations.AlterField(
            model_name='webhooksource',
            name='max_bytes',
            field=models.PositiveIntegerField(default=262144, help_text='In bytes; larger posts are refused.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(10485760)], verbose_name='largest body'),
        ),
        migrations.AlterField(
            model_name='webhooksource',
            name='name',
            field=models.SlugField(help_text='The last part of its address.', max_length=100, unique=True, verbose_name='name'),
        ),
        migrations.AlterField(
            model_name='webhooksource',
            name='workflow',
            field=models.ForeignKey(help_text='What its posts start.', on_delete=django.db.models.deletion.PROTECT, related_name='webhook_sources', to='workflows.workflow', verbose_name='workflow'),
        ),
    ]
