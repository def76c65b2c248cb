from sledi.tracking.tests.asking import ask as ask
from sledi.tracking.tests.asking import clock as clock
from sledi.tracking.tests.asking import follow as follow
