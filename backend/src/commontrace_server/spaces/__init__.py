"""Spaces: where traces live, and who may do what there."""
