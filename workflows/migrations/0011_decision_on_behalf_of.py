import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('workflows', '0010_delegation'),
    ]

    operations = [
        migrations.AddField(
            model_name='decision',
            name='on_behalf_of',
            field=models.ForeignKey(blank=True, help_text='Whose deputy the person was: the vote is theirs.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='decided_by_deputies', to=settings.AUTH_USER_MODEL),
        ),
    ]
