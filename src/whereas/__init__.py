"""Knowledge graphs of political texts, in which every claim is somebody's, tied to its passage."""

__version__ = "0.1.0"
