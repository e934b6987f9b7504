"""The words of the domain, and what every room needs. Imports no other room."""
