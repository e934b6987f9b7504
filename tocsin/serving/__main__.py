"""A process that works for the service: see tocsin/serving/job.py."""

from tocsin.serving.job import main

main()
