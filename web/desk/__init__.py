"""Pages of the secretariat's desk. Every route names the right that it needs (`web.desk.access`)."""
