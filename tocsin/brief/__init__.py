"""The analyst's article about one watch: what is counted, its numbers, its words."""
