"""What runs without a click. The rows are the truth; whoever runs the jobs may die at any time."""
