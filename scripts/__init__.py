"""Set-up and chores. Run as `python -m scripts.run`; setup.py alone runs before .venv is there."""
