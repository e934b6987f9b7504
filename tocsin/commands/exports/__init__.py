"""The commands of `tocsin export`, one file each."""
