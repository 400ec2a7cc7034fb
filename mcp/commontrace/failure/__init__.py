"""Says whether a shell command failed, as a person would see it, and which line of its output says why."""

from commontrace.failure.delivery import parse_error, whole
from commontrace.failure.detection import Detection, detect
from commontrace.failure.question import query
from commontrace.failure.warming import warm

__all__ = ["Detection", "detect", "parse_error", "query", "warm", "whole"]
