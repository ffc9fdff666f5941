"""Questions. They read, never change or commit; access.py hides what is not yours."""
