"""The routers between cores."""
