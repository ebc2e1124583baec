from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("inbox", "0002_forget_viewings")]

    operations = [
        migrations.AddField(
            model_name="preferences",
            name="time_zone",
            field=models.CharField(blank=True, max_length=60),
        ),
    ]
