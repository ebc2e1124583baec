from django.db import migrations


class Migration(migrations.Migration):
    """Who looks at what is told through websockets, and kept by `live`."""

    dependencies = [("inbox", "0001_initial")]

    operations = [migrations.DeleteModel(name="Viewing")]
