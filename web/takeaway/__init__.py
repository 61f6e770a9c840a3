"""What a reader takes away from a practice: PDF and Word files, citations, links, and a briefing of several cases."""
