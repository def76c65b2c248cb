"""The frame of the REST interface: errors, limits, schema. Apps bring their own routers."""
