FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app

COPY requirements.txt constraints.txt ./
RUN pip install -r requirements.txt -c constraints.txt

COPY . .
RUN useradd --create-home --uid 10001 soundings \
    && mkdir /data && chown soundings:soundings /data
USER soundings

ENV SOUNDINGS_ADDRESS=0.0.0.0 SOUNDINGS_DATA=/data PORT=8501
VOLUME /data
EXPOSE 8501
# A path that no route takes answers 200 with the page, so the probe reads the body.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import json, os, urllib.request as u; r = u.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/api/v1/ready', timeout=4); assert json.load(r)['status'] == 'ready'"]
CMD ["python", "app.py"]
