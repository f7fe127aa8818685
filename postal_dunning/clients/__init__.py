from . import pingen
