#!/bin/bash
# Healthy: the broker answers AMQP's protocol header with connection.start. Without a password, and without a tool that the
# image would not have. A broker with another port or with TLS only: --health-cmd, or RABBITMQ_NODE_PORT.
exec 3<>"/dev/tcp/127.0.0.1/${RABBITMQ_NODE_PORT:-5672}" || exit 1
printf 'AMQP\0\0\11\1' >&3
# A method frame on channel 0: the type, the channel; its length; class connection, method start.
answer=$(head -c 11 <&3 | od -An -v -tx1 | tr -d ' \n')
[[ $answer =~ ^010000[0-9a-f]{8}000a000a$ ]]
