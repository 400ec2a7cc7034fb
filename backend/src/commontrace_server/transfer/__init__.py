"""Transfer: whole spaces in and out, one JSON document per line."""
