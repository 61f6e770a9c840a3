"""The secretariat's desk: drafts, and what helps to make them."""
