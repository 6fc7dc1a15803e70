"""Other systems of a plant: OPC UA and MQTT Sparkplug B, both read-only, both clients of the service."""
