"""The secretariat's desk: from a submission to a published, verified case. Knows no web."""
