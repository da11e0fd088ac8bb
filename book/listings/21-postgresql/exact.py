"""JSON that keeps all six digits of a second; Django's own keeps three."""

from datetime import datetime

from django.core.serializers import json

Deserializer = json.Deserializer


class Encoder(json.DjangoJSONEncoder):
    """Writes a time as Python has it."""

    def default(self, value):
        """Turn into JSON what JSON has no form for."""
        if isinstance(value, datetime):
            return value.isoformat()
        return super().default(value)


class Serializer(json.Serializer):
    """Django's own, with that encoder."""

    def serialize(self, queryset, **options):
        """Write the rows."""
        return super().serialize(queryset, cls=Encoder, **options)
