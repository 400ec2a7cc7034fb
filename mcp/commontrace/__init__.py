"""The CommonTrace client: everything of the plugin that runs on the user's machine."""

VERSION = "0.1.0"
