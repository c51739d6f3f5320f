"""The language server: what a run would say of the files that are open in an editor, as they are typed."""
