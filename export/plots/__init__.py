"""Pictures of what was trained and measured, drawn without a screen."""
