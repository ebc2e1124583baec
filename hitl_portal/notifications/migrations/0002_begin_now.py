"""Nobody is told of what happened before there were notifications."""

from django.db import migrations
from django.db.models import Max


def begin(apps, schema_editor):
    using = schema_editor.connection.alias
    events = apps.get_model("workflows", "RunEvent").objects.using(using)
    last = events.aggregate(last=Max("sequence"))["last"] or 0
    apps.get_model("notifications", "Position").objects.using(using).get_or_create(pk=1, defaults={"sequence": last})


class Migration(migrations.Migration):
    dependencies = [("notifications", "0001_initial")]
    operations = [migrations.RunPython(begin, migrations.RunPython.noop)]
