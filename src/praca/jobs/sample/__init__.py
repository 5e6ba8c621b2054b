"""A sample city: invented candidates, vacancies and applications, the same on every machine.

Everything is made up, from names to employers, and written in the real files' layout, so that the
services can be tried out, tested and loaded at any size without anybody's data.
"""

from praca.jobs.sample.city import SampleCity, write_sample_files

__all__ = ["SampleCity", "write_sample_files"]
