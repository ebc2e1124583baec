from django.db import migrations


def move(apps, schema_editor):
    """Each source's secret becomes the first of its several; it stays sealed as it is."""
    using = schema_editor.connection.alias
    secrets = apps.get_model('hooks', 'WebhookSecret').objects.using(using)
    for source in apps.get_model('hooks', 'WebhookSource').objects.using(using).exclude(sealed_secret=''):
        secrets.create(source=source, sealed=source.sealed_secret, created_at=source.created_at)


def move_back(apps, schema_editor):
    """The newest becomes the only one."""
    using = schema_editor.connection.alias
    sources = apps.get_model('hooks', 'WebhookSource').objects.using(using)
    for secret in apps.get_model('hooks', 'WebhookSecret').objects.using(using).order_by('created_at'):
        sources.filter(pk=secret.source_id).update(sealed_secret=secret.sealed)


class Migration(migrations.Migration):

    dependencies = [
        ('hooks', '0003_several_secrets'),
    ]

    operations = [
        migrations.RunPython(move, move_back),
    ]
