"""JSON for dumpdata and loaddata. Django's own cuts a time to thousandths of a second."""

from datetime import datetime

from django.core.serializers import json

Deserializer = json.Deserializer


class Encoder(json.DjangoJSONEncoder):
    def default(self, value):
        if isinstance(value, datetime):
            return value.isoformat()
        return super().default(value)


class Serializer(json.Serializer):
    def serialize(self, queryset, **options):
        return super().serialize(queryset, cls=Encoder, **options)
