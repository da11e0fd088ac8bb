"""`lab dev bench`: what waiting costs a learner, measured side by side in one run."""
