"""Events in, messages out that a family acts on.

    Event, Condition --policy--> Alert --messages--> Message --outbox--> mqtt --> broker
                        ^                                                  |
                        +------------- commands: ack, mute, monitoring <---+

`rules` says which event is worth an alert, `policy` raises, merges, latches and releases, `messages` says it in JSON;
these are pure. `outbox` keeps each message on disk until the broker has it, `mqtt` delivers, `homeassistant` describes
the device, `notify` runs a command for a siren or a text message, `broker` is a broker for the demo. `service` puts
them together for all clips.
"""
