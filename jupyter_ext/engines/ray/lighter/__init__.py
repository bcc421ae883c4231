"""Modules that stand in front of others in the processes of a Ray cluster that is started here."""
