"""What the portal answers over HTTP."""
