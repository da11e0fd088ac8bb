"""Reports for everybody."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from ..activity import activity
from ..forms import ActivityForm

DEFAULT_DAYS = 365


@require_safe
def activity_report(request):
    """Report on the last ?days=N days. A year takes a few seconds."""
    form = ActivityForm({"days": request.GET.get("days", DEFAULT_DAYS)})
    if not form.is_valid():
        return render(request, "board/activity.html", {"form": form}, status=400)
    report = activity(form.cleaned_data["days"])
    return render(request, "board/activity.html", {"form": form, "report": report})
