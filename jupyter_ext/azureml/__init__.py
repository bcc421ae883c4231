"""SDK v1's import paths: the nouns of ``jupyter_ext.core`` under the names that notebooks import them by."""
