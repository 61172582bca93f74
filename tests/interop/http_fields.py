"""The fields of the HTTP API's objects that tools read, with their types (section 6.3 of the behaviour table).

A type is one of Python's, a tuple of them, a dict for a nested object, or a list with the type of its items. `rated`
adds for
every counter its `..._details` with a rate.
"""
NUMBER = (int, float)
RATE = {"rate": NUMBER}
TEXT_OR_NULL = (str, type(None))


def rated(**counters):
    return {**counters, **{name + "_details": RATE for name in counters}}


QUEUE_COUNTS = rated(messages=int, messages_ready=int, messages_unacknowledged=int)

OVERVIEW = {
    "management_version": str, "rates_mode": str, "sample_retention_policies": {"global": [int], "basic": [int],
                                                                                "detailed": [int]},
    "exchange_types": [{"name": str, "description": str, "enabled": bool}], "product_version": str, "product_name": str,
    "rabbitmq_version": str, "cluster_name": str, "erlang_version": str, "erlang_full_version": str,
    "disable_stats": bool,
    "enable_queue_totals": bool, "message_stats": dict, "statistics_db_event_queue": int, "node": str,
    "queue_totals": QUEUE_COUNTS,
    "churn_rates": rated(connection_created=int, connection_closed=int, channel_created=int, channel_closed=int,
                         queue_declared=int, queue_created=int, queue_deleted=int),
    "object_totals": {"channels": int, "connections": int, "consumers": int, "exchanges": int, "queues": int},
    "listeners": [{"node": str, "protocol": str, "ip_address": str, "port": int, "socket_opts": (dict, list)}],
    "contexts": [{"description": str, "path": str, "port": (int, str), "node": str}],
}

NODE = {
    "name": str, "type": str, "running": bool, "being_drained": bool, "os_pid": str, "fd_total": int,
    "sockets_total": int,
    "mem_limit": int, "mem_alarm": bool, "disk_free_limit": int, "disk_free_alarm": bool, "proc_total": int,
    "run_queue": int, "processors": int, "uptime": int, "rates_mode": str, "exchange_types": [{"name": str}],
    "auth_mechanisms": [{"name": str, "enabled": bool}],
    "applications": [{"name": str, "description": str, "version": str}],
    "contexts": list, "log_files": [str], "db_dir": str, "config_files": [str], "enabled_plugins": [str],
    "net_ticktime": int,
    "mem_calculation_strategy": str, "partitions": list, "cluster_links": list, "metrics_gc_queue_length": dict,
    **rated(mem_used=int, fd_used=int, sockets_used=int, disk_free=int, proc_used=int, gc_num=int,
            gc_bytes_reclaimed=int,
            context_switches=int, io_read_count=int, io_read_bytes=int, io_read_avg_time=NUMBER, io_write_count=int,
            io_write_bytes=int, io_sync_count=int, mnesia_ram_tx_count=int, mnesia_disk_tx_count=int,
            msg_store_read_count=int, msg_store_write_count=int, queue_index_write_count=int, connection_created=int,
            connection_closed=int, channel_created=int, channel_closed=int, queue_declared=int, queue_created=int,
            queue_deleted=int),
}

QUEUE = {
    "name": str, "vhost": str, "type": str, "durable": bool, "auto_delete": bool, "exclusive": bool, "arguments": dict,
    "node": str, "state": str, **QUEUE_COUNTS, "consumers": int, "consumer_utilisation": NUMBER,
    "consumer_capacity": NUMBER,
    "memory": int, "message_bytes": int, "message_bytes_ready": int, "message_bytes_unacknowledged": int,
    "message_bytes_ram": int, "message_bytes_persistent": int, "message_bytes_paged_out": int, "messages_ram": int,
    "messages_ready_ram": int, "messages_unacknowledged_ram": int, "messages_persistent": int,
    "messages_paged_out": int,
    "head_message_timestamp": (int, type(None)), "policy": TEXT_OR_NULL, "operator_policy": TEXT_OR_NULL,
    "effective_policy_definition": dict, "exclusive_consumer_tag": TEXT_OR_NULL,
    "single_active_consumer_tag": TEXT_OR_NULL,
    **rated(reductions=int), "garbage_collection": dict,
}
CONSUMER = {
    "consumer_tag": str, "queue": {"name": str, "vhost": str}, "ack_required": bool, "exclusive": bool, "active": bool,
    "activity_status": str, "prefetch_count": int, "arguments": dict,
    "channel_details": {"name": str, "number": int, "user": str, "connection_name": str, "peer_host": str,
                        "peer_port": int,
                        "node": str},
}
QUEUE_ALONE = {**QUEUE, "consumer_details": [CONSUMER], "deliveries": list, "incoming": list}

EXCHANGE = {"name": str, "vhost": str, "type": str, "durable": bool, "auto_delete": bool, "internal": bool,
            "arguments": dict,
            "user_who_performed_action": str}
EXCHANGE_ALONE = {**EXCHANGE, "incoming": list, "outgoing": list}

BINDING = {"source": str, "vhost": str, "destination": str, "destination_type": str, "routing_key": str,
           "arguments": dict,
           "properties_key": str}

CONNECTION = {
    "name": str, "node": str, "host": str, "port": int, "peer_host": str, "peer_port": int, "user": str, "vhost": str,
    "user_provided_name": str, "protocol": str, "type": str, "state": str, "channels": int, "channel_max": int,
    "frame_max": int, "timeout": int, "auth_mechanism": str, "connected_at": int,
    "client_properties": {"capabilities": dict},
    **rated(recv_oct=int, send_oct=int, reductions=int), "recv_cnt": int, "send_cnt": int, "send_pend": int,
    "ssl": bool,
    "ssl_protocol": TEXT_OR_NULL, "peer_cert_subject": TEXT_OR_NULL, "garbage_collection": dict,
}

CHANNEL = {
    "name": str, "number": int, "node": str, "vhost": str, "user": str,
    "connection_details": {"name": str, "peer_host": str, "peer_port": int}, "consumer_count": int,
    "prefetch_count": int,
    "global_prefetch_count": int, "messages_unacknowledged": int, "messages_unconfirmed": int,
    "messages_uncommitted": int,
    "acks_uncommitted": int, "confirm": bool, "transactional": bool, "state": str, "pending_raft_commands": int,
    **rated(reductions=int), "message_stats": dict,
}

VIRTUAL_HOST = {"name": str, "description": str, "tags": [str], "default_queue_type": str, "metadata": dict,
                "tracing": bool,
                "cluster_state": dict}

# Without properties RabbitMQ writes [] for {}.
MESSAGE = {"payload_bytes": int, "redelivered": bool, "exchange": str, "routing_key": str, "message_count": int,
           "properties": (dict, list), "payload": str, "payload_encoding": str}

DEFINITIONS = {
    "rabbit_version": str, "rabbitmq_version": str, "product_name": str, "product_version": str,
    "users": [{"name": str, "password_hash": str, "hashing_algorithm": str, "tags": [str], "limits": dict}],
    "vhosts": [{"name": str}], "permissions": [{"user": str, "vhost": str, "configure": str, "write": str,
                                                "read": str}],
    "topic_permissions": list, "parameters": list, "global_parameters": [{"name": str}], "policies": list,
    "queues": [{"name": str, "vhost": str, "durable": bool, "auto_delete": bool, "arguments": dict}],
    "exchanges": [{"name": str, "vhost": str, "type": str, "durable": bool, "auto_delete": bool, "internal": bool,
                   "arguments": dict}],
    "bindings": [{"source": str, "vhost": str, "destination": str, "destination_type": str, "routing_key": str,
                  "arguments": dict}],
}


def is_a(value, kind):
    """Whether a JSON value is of the kind; a JSON boolean is no number, though Python's bool is an int."""
    kinds = kind if isinstance(kind, tuple) else (kind,)
    return isinstance(value, kinds) and (not isinstance(value, bool) or bool in kinds)


def complaints(value, expected, path):
    """What is missing from a JSON value or has another type, one line each; more fields than expected are no fault."""
    if isinstance(expected, dict):
        if not isinstance(value, dict):
            return [f"{path} is no object but {value!r}"]
        lines = [f"{path}.{name} is missing" for name in expected if name not in value]
        for name in expected.keys() & value.keys():
            lines += complaints(value[name], expected[name], f"{path}.{name}")
        return sorted(lines)
    if isinstance(expected, list):
        if not isinstance(value, list):
            return [f"{path} is no array but {value!r}"]
        return [line for index, item in enumerate(value) for line in complaints(item, expected[0], f"{path}[{index}]")]
    return [] if is_a(value, expected) else [f"{path} is {value!r}, expected {expected}"]
